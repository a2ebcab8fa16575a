import Checkout
import Commerce
import Crypto
import EventSourcing
import HTTPTypes
import Hummingbird
import Inventory
import Steps

/// `POST /api/v1/cart/merge`: a guest has logged in, and brings the cart along. The guest's token is the proof.
///
/// Two records, each of which may be asked for again: the guest's cart goes to the account, and stays as it was; the
/// account's cart takes the lines in, under a key that is the guest's. So a crash in between loses nothing, and no
/// second request doubles anything.
struct CartMergeRoute: Sendable {
    let shop: Shop
    let verifier: TokenVerifier

    func add(to routes: GatewayRoutes) {
        routes.post("/api/v1/cart/merge", .customer) { request, context in try await merge(request, context) }
    }

    private func merge(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let principal = try context.requirePrincipal()
        let customer = try principal.customerID
        let text = try await request.decode(context) { $0.string("guest_token", length: 1...TokenVerifier.lengthMax) }
        let guest = try await guest(text, context)
        let handedOver = try await shop.run(HandOverCart(of: guest, to: customer), by: principal.actor)
        let step = MergeCart(handedOver.lines, into: customer, key: Self.key(of: guest, for: customer))
        return Response(try await shop.run(step, by: principal.actor), prices: shop.prices)
    }

    /// - Throws: 422 for a token that is none, or no guest's, or good no more.
    private func guest(_ text: String, _ context: GatewayContext) async throws -> CustomerID {
        guard let principal = try? await verifier.verify(text, now: context.receivedAt), principal.role == .guest else {
            throw Problem.field("/guest_token", "is not the token of a guest, or has ended")
        }
        return try principal.customerID
    }

    private static func key(of guest: CustomerID, for customer: CustomerID) -> StepKey {
        let digest = Digest256(sha256: SHA256.hash(data: Array("cart of \(guest) for \(customer)".utf8)))
        return StepKey(id: IdempotencyKeyID(slot: customer.slot, digest: digest), fingerprint: digest)
    }
}

extension Response {
    fileprivate init(_ answer: MergeAnswer, prices: PriceBook) {
        let cart = CartDocument(answer.cart, prices: prices)
        var json = JSONWriter(capacity: 256 + cart.json.bytes.count)
        json.object { json in
            json.key("cart")
            json.raw(cart.json.bytes)
            json.array("cut") { json in
                for cut in answer.cuts {
                    json.object { json in
                        json.field("sku", cut.sku.description)
                        json.field("wanted", cut.wanted.rawValue)
                        json.field("quantity", cut.quantity.rawValue)
                    }
                }
            }
        }
        var headers: HTTPFields = [:]
        if answer.isRepeated { headers[.idempotentReplayed] = "true" }
        self.init(headers: headers, json: json)
    }
}
