"""The theorem book, one file per paper or topic; every statement is made from the one-step rules."""
