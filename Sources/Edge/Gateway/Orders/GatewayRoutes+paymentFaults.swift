import Checkout
import HTTPTypes
import Hummingbird

extension GatewayRoutes {
    /// Adds the fault switches of the payment simulator.
    ///
    /// - Parameter switches: nil where payments are no simulator's: there is nothing then.
    public func addPaymentFaults(_ switches: (any PaymentFaultSwitches)?) {
        let path = "/api/v1/payments/faults"
        let ask: @Sendable (PaymentFaultRequest) async throws -> Response = { request in
            guard let switches else { throw Problem(.notFound, "This shop's payments have no fault switches.") }
            var json = JSONWriter()
            do {
                json.raw(try await switches.faults(request))
            } catch PaymentFailure.rejected {
                throw Problem.field("", "must be a set of switches that the payment simulator knows")
            } catch {
                throw Problem(.paymentUnavailable, "The payment simulator does not answer.").retry(after: .seconds(1))
            }
            return Response(json: json)
        }
        get(path, .admin) { _, _ in try await ask(.look) }
        put(path, .admin) { request, context in try await ask(.set(try await request.document(context).bytes)) }
        delete(path, .admin) { _, _ in try await ask(.clear) }
    }
}
