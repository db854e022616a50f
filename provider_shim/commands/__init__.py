"""What a person can ask for, one command a file. Each returns its exit code and prints the rest."""
