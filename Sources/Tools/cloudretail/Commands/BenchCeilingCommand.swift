import ArgumentParser
import Foundation
import Hummingbird

/// `cloudretail bench ceiling`: what the HTTP library alone can do, to measure the gateway against.
struct BenchCeilingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ceiling",
        abstract:
            """
            Serve bare routes: one that decodes and encodes an order's JSON with Foundation, one that answers a \
            product.
            """,
        discussion: "No log, no rules, no token: the ceiling under which every gateway on this library lies.")

    @Option(help: "Address and port.", transform: BenchCeilingCommand.address)
    var http: NodeConfiguration.SocketAddress

    private static func address(_ text: String) throws -> NodeConfiguration.SocketAddress {
        guard let address = NodeConfiguration.SocketAddress(text) else {
            throw ValidationError("\"\(text)\" is no address.")
        }
        return address
    }

    private struct OrderRequest: Decodable {
        struct Item: Decodable {
            let sku: String
            let quantity: Int
        }
        let items: [Item]
    }

    private struct OrderAnswer: ResponseEncodable {
        struct Item: Encodable {
            let sku: String
            let quantity: Int
            let unit_price: Int
            let line_total: Int
        }
        struct Total: Encodable {
            let amount: Int
            let currency: String
        }
        struct Payment: Encodable {
            let status: String
            let charge_id: String
        }
        let id: String
        let status: String
        let customer_id: String
        let items: [Item]
        let total: Total
        let payment: Payment
        let placed_at: String
    }

    private struct ProductAnswer: ResponseEncodable {
        let id: String
        let title: String
    }

    func run() async throws {
        let router = Router()
        router.post("/api/v1/orders") { request, context -> OrderAnswer in
            let order = try await request.decode(as: OrderRequest.self, context: context)
            let items = order.items.map {
                OrderAnswer.Item(sku: $0.sku, quantity: $0.quantity, unit_price: 999, line_total: 999 * $0.quantity)
            }
            return OrderAnswer(
                id: "ord_01M83J3RCHFXD8BD45S3SPW9VF", status: "PAID", customer_id: "cus_01M83J39EGFXD8MPTHB1EDESAJ",
                items: items, total: .init(amount: items.reduce(0) { $0 + $1.line_total }, currency: "GBP"),
                payment: .init(status: "PAID", charge_id: "ch_kt9nuj668"), placed_at: "2011-12-09T12:50:00.000000Z")
        }
        router.get("/api/v1/products/{id}") { _, context -> ProductAnswer in
            ProductAnswer(id: try context.parameters.require("id"), title: "A product of the bench")
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname(http.host, port: http.port)))
        try await application.run()
    }
}
