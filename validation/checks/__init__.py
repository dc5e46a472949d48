"""Named checks of the statements in the theorem book: what each mutant of them must be told by."""
