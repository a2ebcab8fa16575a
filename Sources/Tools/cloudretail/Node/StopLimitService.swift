import Foundation
import Logging
import ServiceLifecycle

/// Ends the process when the services have not stopped in time, whatever they wait for: all that was acknowledged is on
/// the disk already, and the next start takes up the rest, as after a kill.
struct StopLimitService: Service {
    /// A payment under way is decided by then. Docker and Kubernetes kill after 10 and 30 seconds.
    private static let limit = TimeInterval(15)
    /// For the last line of the log to be written.
    private static let farewell: TimeInterval = 0.1

    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        let logger = logger
        let thread = Thread {
            Thread.sleep(forTimeInterval: Self.limit)
            logger.critical("The node has not stopped in time; its process ends")
            Thread.sleep(forTimeInterval: Self.farewell)
            _exit(EX_SOFTWARE)
        }
        thread.name = "stop-limit"
        thread.start()
    }
}
