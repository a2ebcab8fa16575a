import ActorSystem
import Commerce
import EventSourcing
import HTTPTypes
import Hummingbird
import Inventory
import Schema
import Steps

/// `/api/v1/inventory`: what is on hand, what is held, and every movement of it.
struct InventoryRoutes: Sendable {
    let shop: Shop

    func add(to routes: GatewayRoutes) {
        routes.get("/api/v1/inventory", .staff) { request, context in try await list(request, context) }
        routes.get("/api/v1/inventory/{sku}", .anyone) { request, context in try await get(request, context) }
        routes.put("/api/v1/inventory/{sku}", .staffKeyed.versioned) { request, context in
            try await set(request, context)
        }
        routes.post("/api/v1/inventory/batch", .staffKeyed) { request, context in
            try await ReceiptBatch(shop: shop).receive(request, context)
        }
        routes.post("/api/v1/inventory/{sku}/receive", .staffKeyed.versioned) { request, context in
            try await receive(request, context)
        }
        routes.post("/api/v1/inventory/{sku}/adjust", .staffKeyed.versioned) { request, context in
            try await adjust(request, context)
        }
        routes.get("/api/v1/inventory/{sku}/movements", .staff) { request, context in
            try await movements(request, context)
        }
        routes.post("/api/v1/inventory/{sku}/reservations", .staffKeyed.versioned) { request, context in
            try await reserve(request, context)
        }
        routes.delete("/api/v1/inventory/{sku}/reservations/{id}", .staff.versioned) { _, context in
            try await end(context) { .release($0) }
        }
        routes.post("/api/v1/inventory/{sku}/reservations/{id}/fulfill", .staff.versioned) { _, context in
            try await end(context) { .fulfill($0) }
        }
    }

    // MARK: - Reading

    private func get(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let sku = try context.sku
        let moment = try QueryReader.moment(of: request, now: shop.clock())
        return try await shop.reading(request) { reader in
            try await reader.barrier(of: shop.priceFollower)
            if let moment { return try await get(sku, at: moment, reader, context) }
            guard context.isStaff else { return try await getAvailability(of: sku, reader) }
            let stock = try await reader.read(Stock.self, sku)
            guard stock.exists || shop.prices[sku] != nil else { throw Problem(.notFound) }
            return Response(stock)
        }
    }

    /// What was there at an earlier moment, for staff.
    private func get(
        _ sku: SKU, at moment: Timestamp, _ reader: ShopReader, _ context: GatewayContext
    ) async throws -> Response {
        guard context.isStaff else { throw Problem(context.principal == nil ? .authenticationRequired : .forbidden) }
        let stock = try await reader.read(Stock.self, sku, at: moment)
        guard stock.exists else { throw Problem(.notFound) }
        var json = JSONWriter()
        json.value(stock)
        return Response(json: json)
    }

    /// Customers hear what can be bought of what is on sale, and nothing of anything else.
    private func getAvailability(of sku: SKU, _ reader: ShopReader) async throws -> Response {
        guard shop.prices[sku]?.isActive == true else { throw Problem(.notFound) }
        return Response(AvailabilityDocument(try await reader.read(Stock.self, sku).state))
    }

    private func list(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let (limit, cursor) = try QueryReader.read(request) { query in
            (
                Int(query.integer("limit", in: 1...200) ?? 50),
                query.value("cursor", FieldForm.cursor) { SKU($0) }
            )
        }
        return try await shop.reading(request) { reader in
            let shards = shop.shards.shards
            try await reader.barrier(shards)
            var skus: [SKU] = []
            for shard in shards {
                skus += await shard.list(
                    Stock.self, group: [], beyond: cursor, descending: false, limit: limit + 1)
            }
            let hasMore = skus.count > limit
            skus = Array(skus.sorted().prefix(limit))
            var json = JSONWriter(capacity: 128 * skus.count + 64)
            var stocks: [Versioned<Stock>] = []
            for sku in skus { stocks.append(await reader.readHere(Stock.self, sku)) }
            json.object { json in
                json.array("data") { json in for stock in stocks { json.value(stock) } }
                json.field("next_cursor", hasMore ? skus.last?.description : nil)
            }
            return Response(json: json)
        }
    }

    /// The number of a movement, as `next_cursor` gives it.
    private static func cursor(_ text: String) -> UInt64? {
        UInt64(digits: text[...], max: 18).flatMap { $0.description == text && $0 > 0 ? $0 : nil }
    }

    private func movements(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let sku = try context.sku
        let (limit, before) = try QueryReader.read(request) { query in
            (
                Int(query.integer("limit", in: 1...200) ?? 50),
                query.value("cursor", FieldForm.cursor) { Self.cursor($0) }
            )
        }
        return try await shop.reading(request) { reader in
            let shard = shop.shards[sku.slot]
            try await reader.barrier([shard])
            try await reader.barrier(of: shop.priceFollower)
            let rows = await shard.history(Stock.self, sku, before: before, limit: limit)
            if rows.isEmpty, before == nil, shop.prices[sku] == nil { throw Problem(.notFound) }
            // Movements are numbered from one. What came before the oldest is gone with the log that told of it.
            var oldest = rows.last?.version ?? before
            if oldest == nil { oldest = await reader.readHere(Stock.self, sku).version + 1 }
            let isEarlierGone = rows.count < limit && oldest.map { $0 > 1 } == true
            var json = JSONWriter(capacity: 160 * rows.count + 64)
            try json.object { json in
                try json.array("data") { json in
                    for row in rows { try MovementDocument(row).write(to: &json) }
                }
                json.field("next_cursor", rows.count == limit ? rows.last.map { String($0.version) } : nil)
                json.field("earlier_gone", isEarlierGone)
            }
            return Response(json: json)
        }
    }

    // MARK: - Changing

    private func receive(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let document = try await request.document(context)
        let command = try document.decode { body -> Stock.Command? in
            let units = body.units("quantity", from: 1)
            let reference = body.optionalString("reference", length: 0...Stock.referenceLengthMax)
            guard let units else { return nil }
            return .receive(units, reference: reference)
        }
        return try await change(request, context, document, command, "/receive")
    }

    private func adjust(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let document = try await request.document(context)
        let command = try document.decode { body -> Stock.Command? in
            let limit = Units.max.rawValue
            let delta = body.integer("delta", in: -limit...limit)
            let reason = readReason(&body)
            guard let delta, let reason else { return nil }
            return .adjust(delta: delta, reason: reason)
        }
        return try await change(request, context, document, command, "/adjust")
    }

    /// Compare-and-set: refused when the count is no longer what the caller expected.
    private func set(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let document = try await request.document(context)
        let command = try document.decode { body -> Stock.Command? in
            let target = body.units("on_hand", from: 0)
            let expected = body.units("expected", from: 0)
            let reason = readReason(&body)
            guard let target, let expected, let reason else { return nil }
            return .set(to: target, expected: expected, reason: reason)
        }
        return try await change(request, context, document, command, "")
    }

    private func readReason(_ body: inout ObjectReader) -> AdjustmentReason? {
        let note = body.optionalString("note", length: 0...AdjustmentReason.noteLengthMax)
        return body.value("reason", FieldForm.adjustmentReason) { AdjustmentReason(code: $0, note: note) }
    }

    /// Changes one SKU's stock, once for each idempotency key.
    ///
    /// - Parameter action: what follows the SKU in the path.
    private func change(
        _ request: Request, _ context: GatewayContext, _ document: JSONDocument, _ command: Stock.Command,
        _ action: String
    ) async throws -> Response {
        let sku = try context.sku
        let isInCatalogue = try await shop.entry(of: sku) != nil
        let principal = try context.requirePrincipal()
        let key = try RequestKey(
            request, scope: "\(request.method) /api/v1/inventory/\(sku)\(action)",
            principal: principal, body: document.bytes)
        let step = ChangeStock(
            sku, command, if: context.preconditions, key: key?.step(on: sku.slot), requiresStock: !isInCatalogue)
        return try await run(step, by: principal.actor)
    }

    private func run(_ step: ChangeStock, by actor: ActorID) async throws -> Response {
        do {
            return Response(try await shop.run(step, by: actor))
        } catch let refusal as StockRefusal {
            throw refusal.problem(quantity: step.command.quantityPointer)
        }
    }

    // MARK: - Reservations by hand

    private func reserve(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let document = try await request.document(context)
        let (units, seconds) = try document.decode { body -> (Units, Int64)? in
            let units = body.units("quantity", from: 1)
            let seconds = body.integer("expires_in", in: 1...ReserveStock.secondsMax)
            guard let units, let seconds else { return nil }
            return (units, seconds)
        }
        let sku = try context.sku
        let isInCatalogue = try await shop.entry(of: sku) != nil
        let principal = try context.requirePrincipal()
        let key = try RequestKey(
            request, scope: "POST /api/v1/inventory/\(sku)/reservations", principal: principal, body: document.bytes)
        let step = ReserveStock(
            sku, units, as: HoldID(at: shop.clock(), slot: sku.slot, random: shop.random()), seconds: seconds,
            if: context.preconditions, key: key?.step(on: sku.slot), requiresStock: !isInCatalogue)
        return Response(try await shop.run(step, by: principal.actor), of: sku)
    }

    private func end(
        _ context: GatewayContext, _ command: @Sendable (ReservationID) -> Stock.Command
    ) async throws -> Response {
        let sku = try context.sku
        let id = try context.parameter("id") { HoldID($0) }
        let command = command(.manual(id))
        let actor = try context.requirePrincipal().actor
        return try await run(ChangeStock(sku, command, if: context.preconditions), by: actor)
    }
}
