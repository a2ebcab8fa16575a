// Nothing is called by name: the library stands in for functions of the C library.
