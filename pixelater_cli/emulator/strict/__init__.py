"""What AWS refuses and moto accepts: rules that requests are checked against before moto's turn."""
