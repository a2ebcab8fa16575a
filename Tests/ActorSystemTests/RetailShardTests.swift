import ActorSystem
import Commerce
import EventSourcing
import Testing

/// The rules of the shop on the engine, over the real log: with one shard, and with four.
@Suite("Orders and stock on their shards", .timeLimit(.minutes(10))) struct RetailShardTests {
    @Test("an order and the stock of all its SKUs are one record", arguments: [1, 4])
    func atomic(shards: Int) async throws {
        try await RetailDirectory(shards: shards).open { shop, _ in
            for shard in shop.shards.shards {
                let skus = shop.skus(3, on: shard)
                for sku in skus { try await shop.receive(5, of: sku) }
                let before = shard.journal.committed
                let id = shop.order(1, on: shard)
                #expect(try await shop.place(id, skus.map { ($0, 2) }) == nil)
                #expect(shard.journal.committed == before.next)
                for sku in skus {
                    let stock = try await shop.stock(sku)
                    #expect(
                        stock.state.reserved == 2 && stock.state.held(.order(id))?.units == 2
                            && stock.index == before.next)
                }
                #expect(try await shop.order(id).index == before.next)
            }
        }
    }

    @Test("one SKU that is short leaves no trace of the whole order", arguments: [1, 4])
    func refused(shards: Int) async throws {
        try await RetailDirectory(shards: shards).open { shop, _ in
            for shard in shop.shards.shards {
                let skus = shop.skus(3, on: shard)
                for (sku, units) in zip(skus, [5, 5, 1] as [Units]) { try await shop.receive(units, of: sku) }
                let before = shard.journal.committed
                let folded = try FoldedLog(shop.shards)
                let id = shop.order(1, on: shard)
                #expect(try await shop.place(id, skus.map { ($0, 2) }) == .insufficientStock(available: 1))
                #expect(shard.journal.committed == before)
                try await shop.expectStates(of: folded)
                #expect(try await !shop.order(id).exists)
                // Nothing was kept for it either: all that is there can be bought.
                #expect(
                    try await shop.place(shop.order(2, on: shard), [(skus[0], 5), (skus[1], 5), (skus[2], 1)]) == nil)
            }
        }
    }

    @Test("states that have left memory come back equal", arguments: [1, 4])
    func passivated(shards: Int) async throws {
        try await RetailDirectory(shards: shards).open { shop, _ in
            let folded = try await shop.trade(rounds: 12)
            // Saved, flushed, idle: no owner has a reason to stay.
            for shard in shop.shards.shards {
                while await shard.residentCount > 0 { await shard.lookAfterItself() }
            }
            try await shop.expectStates(of: folded)
            // And they can be gone on from.
            try await shop.expectStates(of: try await shop.trade(rounds: 2, from: 12))
        }
    }

    @Test("a restart from the checkpoint and the log behind it ends where the whole log does", arguments: [1, 4])
    func restarted(shards: Int) async throws {
        let directory = RetailDirectory(shards: shards)
        var rounds: UInt64 = 0
        for _ in 0..<3 {
            try await directory.open { shop, replayed in
                let folded = try FoldedLog(shop.shards)
                // The checkpoint was on its way when the process ended: there is a tail, and not all is tail.
                if rounds > 0 { #expect(replayed > 0 && replayed < folded.records, "\(replayed) of \(folded.records)") }
                try await shop.expectStates(of: folded)
                for _ in 0..<4 {
                    _ = try await shop.trade(rounds: 6, from: rounds)
                    rounds += 6
                    for shard in shop.shards.shards { await shard.lookAfterItself() }
                }
                // What is traded now no tick saves.
                try await shop.expectStates(of: try await shop.trade(rounds: 2, from: rounds))
                rounds += 2
            }
        }
    }
}

extension RetailShards {
    /// Orders of several SKUs on every shard, most of them fulfilled, some refused; what the log makes of it.
    fileprivate func trade(rounds: UInt64, from start: UInt64 = 0) async throws -> FoldedLog {
        for shard in shards.shards {
            let skus = skus(5, on: shard)
            for round in start..<start + rounds {
                let chosen = (0..<3).map { skus[(Int(round) * 2 + $0) % skus.count] }
                try await receive(3, of: chosen[0])
                let id = order(round + 1, on: shard)
                let refusal = try await place(id, chosen.map { ($0, 1) })
                if refusal == nil, round % 3 > 0 { try await fulfill(id, chosen) }
            }
        }
        return try FoldedLog(shards)
    }

    fileprivate func expectStates(of folded: FoldedLog) async throws {
        for (sku, expected) in folded.stocks {
            let stock = try await stock(sku)
            #expect(stock.state == expected && stock.version == folded.versions["\(sku)"])
        }
        for (id, expected) in folded.orders {
            let order = try await order(id)
            #expect(order.state == expected && order.version == folded.versions["\(id)"])
        }
    }
}
