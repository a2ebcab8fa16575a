import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A thread for work that can wait: the system gives it the processor when what serves customers has had its share.
struct PatientThread: Sendable {
    /// Of 0 to 19: a tenth of the share of a thread of the usual priority, so that on a machine that has nothing to
    /// spare the work still ends.
    static let niceness: Int32 = 10

    private let thread: NIOThreadPool

    /// Hands a thread to `body` that ends with it.
    static func with<Result>(_ body: (PatientThread) async throws -> Result) async throws -> Result {
        // One of its own: a priority that was lowered can be raised again by privileged processes alone.
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        do {
            try await thread.runIfActive { lowerPriority() }
            let result = try await body(PatientThread(thread: thread))
            try await thread.shutdownGracefully()
            return result
        } catch {
            try await thread.shutdownGracefully()
            throw error
        }
    }

    /// What `work` returns, which may block.
    func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await thread.runIfActive(work)
    }

    /// Of this thread; elsewhere than on Linux, where it would be that of the process, it stays.
    private static func lowerPriority() {
        #if canImport(Glibc)
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
        #elseif canImport(Musl)
        setpriority(PRIO_PROCESS, 0, niceness)
        #endif
    }
}
