"""What each resource is: pure data and one walker, standard library only."""
