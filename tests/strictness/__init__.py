"""What AWS refuses, case by case, each with the page of its documentation."""
