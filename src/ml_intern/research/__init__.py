"""What is known beforehand: sourced reference scores."""
