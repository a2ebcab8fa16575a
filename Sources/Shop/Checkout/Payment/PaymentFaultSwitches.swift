import AsyncHTTPClient
import NIOCore

/// The fault switches of a payment simulator, which a demonstration pays with. No other provider has any.
public protocol PaymentFaultSwitches: Sendable {
    /// - Returns: how the switches stand then, in JSON as `payment-simulator --help` has it.
    /// - Throws: `.rejected` for switches that the simulator does not know.
    func faults(_ request: PaymentFaultRequest) async throws(PaymentFailure) -> [UInt8]
}

/// What is asked of the fault switches.
public enum PaymentFaultRequest: Sendable {
    case look
    /// Sets the switches that the JSON names, and all others back.
    case set([UInt8])
    case clear
}

extension HTTPPaymentProvider: PaymentFaultSwitches {
    public func faults(_ request: PaymentFaultRequest) async throws(PaymentFailure) -> [UInt8] {
        var call = HTTPClientRequest(url: base + "/faults")
        switch request {
        case .look: break
        case .set(let json):
            call.method = .PUT
            call.headers = ["content-type": "application/json"]
            call.body = .bytes(ByteBuffer(bytes: json))
        case .clear: call.method = .DELETE
        }
        return [UInt8](try await send(call).content())
    }
}
