import NIOCore
import NIOPosix

/// Puts a load on a gateway and measures how it fares.
enum LoadGenerator {
    /// - Parameter addresses: of the nodes that the connections are spread over; at least one.
    /// - Throws: ``GatewayFault/unreachable(url:reason:)`` when the gateway cannot be reached at the start.
    static func run(plan: LoadPlan, requests: LoadRequests, addresses: [GatewayAddress]) async throws -> BenchReport {
        guard addresses.allSatisfy({ $0.scheme == "http" }) else { throw BenchFault.onlyHTTP }
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let finished = eventLoop.makePromise(of: BenchReport.self)
        eventLoop.execute {
            LoadRun(plan: plan, requests: requests, addresses: addresses, eventLoop: eventLoop, finished: finished)
                .begin()
        }
        return try await finished.futureResult.get()
    }
}

/// Why a benchmark cannot begin.
public enum BenchFault: Error, Equatable, CustomStringConvertible {
    case onlyHTTP
    case notPrepared
    case refused(what: String, reason: String)

    public var description: String {
        switch self {
        case .onlyHTTP: "a benchmark speaks HTTP without TLS: give an http:// URL"
        case .notPrepared: "the gateway has no SKUs to benchmark with: run \"cloudretail bench prepare\" first"
        case .refused(let what, let reason): "the gateway refuses \(what): \(reason)"
        }
    }
}
