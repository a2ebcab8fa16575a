#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Tells threads of this process apart.
func currentThread() -> UInt {
    #if canImport(Glibc)
        UInt(pthread_self())
    #else
        UInt(bitPattern: pthread_self())
    #endif
}
