import Foundation
import NIOCore
import ServiceLifecycle

/// What accepts connections at an address that a setting names, and says so where it cannot.
struct ListenerService: Service {
    let setting: NodeConfiguration.Setting
    let address: NodeConfiguration.SocketAddress
    let listener: any Service

    func run() async throws { try await Self.naming(setting, address) { try await listener.run() } }

    /// - Throws: `NodeConfiguration.Unusable` where `body` fails to listen; else what it throws.
    static func naming(
        _ setting: NodeConfiguration.Setting, _ address: NodeConfiguration.SocketAddress,
        _ body: () async throws -> Void
    ) async throws {
        func unusable(_ reason: String) -> NodeConfiguration.Unusable {
            .init(setting: setting, reason: Failure(address: "\(address)", reason: reason))
        }
        do {
            try await body()
        } catch let error as IOError {
            throw unusable(String(cString: strerror(error.errnoCode)))
        } catch let error as SocketAddressError.UnknownHost {
            throw unusable(error.errorDescription)
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let address: String
        let reason: String

        var description: String { "the node cannot listen on \(address): \(reason)" }
    }
}
