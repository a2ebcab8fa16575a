extension Replay {
    /// What became of one order.
    private enum Outcome {
        case placed(OrderDocument)
        case refused
        case failed(String)
    }

    /// How often an open order, or one not yet fulfilled, is looked at.
    private static let pollPause = Duration.milliseconds(100)

    /// Places the invoice as one order and counts what became of it.
    ///
    /// - Throws: `CancellationError` and ``TokenFile/Fault``, after which no other order could be placed either.
    func place(_ invoice: Invoice) async throws {
        let start = ContinuousClock.now
        let outcome: Outcome
        do {
            outcome = try await order(invoice)
        } catch let error as TokenFile.Fault {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            outcome = .failed("\(error)")
        }
        await tally.answered(within: ContinuousClock.now - start)
        switch outcome {
        case .refused: await tally.refused(invoice)
        case .failed(let reason): await tally.orderFailed("invoice \(invoice.number): \(reason)")
        case .placed(let order):
            let total = order.total?.amount
            guard let total, total == invoice.value, order.total?.currency == Self.currency else {
                let answer = order.total.map { "\($0.amount) \($0.currency)" } ?? "no total"
                return await tally.orderFailed(
                    "invoice \(invoice.number): order \(order.id) is worth \(answer), not \(invoice.value) "
                        + "\(Self.currency)")
            }
            await tally.placed(.init(id: order.id, invoice: invoice, total: total))
        }
    }

    private func order(_ invoice: Invoice) async throws -> Outcome {
        let body = NewOrder(
            customerReference: invoice.customerReference,
            items: invoice.lines.map { .init(sku: $0.sku, quantity: $0.quantity, unitPrice: $0.unitPrice) })
        let reply = try await send(.post("/orders", body, key: key(invoice.number)))
        switch reply.status {
        case 201: return .placed(try reply.decode(OrderDocument.self))
        case 202: return try await settled(try openOrder(in: reply))
        case 409 where reply.problem?.code == ProblemCode.insufficientStock: return .refused
        default: return .failed(reply.summary)
        }
    }

    /// The id of an order whose payment is not known yet.
    private func openOrder(in reply: GatewayReply) throws -> String {
        struct Open: Decodable { let id: String }
        return try reply.decode(Open.self).id
    }

    /// Looks at an open order until it is paid or refused.
    private func settled(_ id: String) async throws -> Outcome {
        let start = ContinuousClock.now
        while ContinuousClock.now - start < options.settleLimit {
            let order = try await read(id)
            switch OrderStatus(order.status) {
            case .open: try await Task.sleep(for: Self.pollPause)
            case .paid, .fulfilled: return .placed(order)
            case .refused: return .refused
            case .undone: return .failed("order \(id) ended \(order.status)")
            }
        }
        return .failed("order \(id) has not settled within \(options.settleLimit.components.seconds) s")
    }

    func read(_ id: String) async throws -> OrderDocument {
        let reply = try await send(.get("/orders/\(GatewayAddress.escaped(id))"))
        guard reply.status == 200 else { throw GatewayFault.unexpected("order \(id): \(reply.summary)") }
        return try reply.decode(OrderDocument.self)
    }

    /// Reads every order placed back, again and again, until its goods have left the stock or the time is up.
    ///
    /// - Returns: how many are fulfilled, and the value of all orders placed as the gateway has them now.
    func awaitFulfilment() async throws -> (fulfilled: Int, value: Int64) {
        let start = ContinuousClock.now
        let books = OrderBooks()
        var open = await tally.placed.map(\.id)
        let count = open.count
        while true {
            try await forEachConcurrently(open, limit: options.concurrency) { id in
                await books.add(try await read(id))
            }
            open = await books.underWay
            status.show("\(StatusLine.bar(count - open.count, of: count)) \(count - open.count) of \(count) fulfilled")
            if open.isEmpty || ContinuousClock.now - start > options.settleLimit { break }
            try await Task.sleep(for: Self.pollPause)
        }
        let unfulfilled = await books.orders.filter { OrderStatus($0.status) != .fulfilled }
        for order in unfulfilled {
            await tally.failure("order \(order.id) is not fulfilled: it is \(order.status)")
        }
        return (count - unfulfilled.count, await books.value)
    }
}

/// The states of an order, as far as they matter to who placed it.
private enum OrderStatus {
    case open, paid, fulfilled, refused, undone

    init(_ name: String) {
        switch name {
        case "PAID": self = .paid
        case "FULFILLED", "SHIPPED", "DELIVERED": self = .fulfilled
        case "REJECTED": self = .refused
        case "CANCELLED", "REFUNDED": self = .undone
        default: self = .open
        }
    }
}

/// The orders as last read.
private actor OrderBooks {
    private var byID: [String: OrderDocument] = [:]

    func add(_ order: OrderDocument) { byID[order.id] = order }

    var orders: [OrderDocument] { byID.values.sorted { $0.id < $1.id } }
    var underWay: [String] { orders.filter { [.open, .paid].contains(OrderStatus($0.status)) }.map(\.id) }
    var value: Int64 { byID.values.reduce(0) { $0 + ($1.total?.amount ?? 0) } }
}
