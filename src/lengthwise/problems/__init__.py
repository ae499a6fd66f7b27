"""One file per family, one function per problem."""
