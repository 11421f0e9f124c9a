"""Jobs on machines rented from the Hub, through its official client."""
