"""Links between users of this installation and Pachca accounts."""
