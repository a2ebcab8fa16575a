@_spi(TestKit) import ServiceLifecycle
import Synchronization

/// Lets what is done for a request hear that the server is to stop, so that streams end in time. Its task begins on an
/// event loop, outside of the server's own task, with which the library hands that on.
final class StopSignal: Sendable {
    private let manager = Mutex<GracefulShutdownManager?>(nil)

    /// Called in the server's task, before there is a request and whenever a connection begins.
    func hear() {
        guard let manager = TaskLocals.gracefulShutdownManager else { return }
        self.manager.withLock { $0 = manager }
    }

    /// Begins a task that hears it.
    func begin(_ body: @escaping @Sendable () async -> Void) {
        TaskLocals.$gracefulShutdownManager.withValue(manager.withLock { $0 }) { _ = Task { await body() } }
    }
}
