"""What teachers make in Canvas: assignments, submissions, grades, and the arithmetic over them."""
