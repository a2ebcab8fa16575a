import AsyncHTTPClient
import NIOCore

extension GatewayClient {
    /// What a node says when it is asked for the log behind a position.
    public enum LogAnswer: Sendable, Equatable {
        /// It has been handed on.
        case stretch
        /// Nothing has been committed.
        case nothing
        /// Some of it is gone.
        case expired
    }

    /// As long as a node goes on sending a stretch.
    private static let logTimeMax = TimeAmount.minutes(10)

    /// Reads a stretch of the log from the next node, with a piece of it in memory.
    ///
    /// - Parameters:
    ///   - position: the indexes of all shards, with commas between.
    ///   - wait: how many seconds the node waits for something to be committed.
    ///   - take: is handed the pieces in their order; whether they are all, it has to find out from them.
    /// - Throws: ``GatewayFault`` with the answer of a node that refuses it, or why there is none: another node may
    ///   answer.
    public func log(after position: String, wait: Int, _ take: ([UInt8]) throws -> Void) async throws -> LogAnswer {
        let answer = try await stream("/cluster/log?after=\(position)&wait=\(wait)", Self.logTimeMax, take)
        switch answer.status {
        case 200: return .stretch
        case 204: return .nothing
        case 410: return .expired
        default: throw GatewayFault(refusal: answer)
        }
    }

    /// Says how much of the log is kept elsewhere, so that the cluster keeps what comes behind it.
    ///
    /// - Parameter position: the indexes of all shards, with commas between.
    public func moveArchive(to position: String) async throws {
        let answer = try await send(.put("/cluster/archive", ["position": position]))
        guard answer.status == 204 else { throw GatewayFault(refusal: answer) }
    }
}
