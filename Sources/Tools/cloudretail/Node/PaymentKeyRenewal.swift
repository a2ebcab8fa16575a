import Checkout
import Gateway
import Logging
import ServiceLifecycle
import WatchedFiles

/// Puts a replaced payment key into use while the node runs.
struct PaymentKeyRenewal: Service {
    /// A look at a file costs nothing that could be measured.
    private static let pause = Duration.seconds(1)

    let provider: HTTPPaymentProvider
    let path: String
    /// From before the key in use was read.
    let watched: WatchedFiles
    let logger: Logger

    static func read(_ path: String) throws -> PaymentKey {
        try NodeConfiguration.Unusable.unless(NodeConfiguration.paymentKeyFile) {
            try PaymentKey(SecretFile.read(path))
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var watched = watched
            while !Task.isCancelled {
                if watched.haveChanged() { renew() }
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    private func renew() {
        do {
            provider.use(try Self.read(path))
            logger.info("The payment key is renewed")
        } catch {
            logger.error(
                "The new payment key cannot be used; the one before stays", metadata: ["error": "\(error)"])
        }
    }
}
