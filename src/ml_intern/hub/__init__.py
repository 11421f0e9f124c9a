"""The Hugging Face Hub, through its official client."""
