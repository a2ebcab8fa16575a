import ActorSystem
import Checkout
import EventSourcing
import HTTPTypes
import Hummingbird
import Schema

/// How new what a request is shown has to be.
enum Consistency: String, Sendable {
    /// It shows whatever any node had acknowledged before the request.
    case linearizable
    /// What this node has: no other node is asked.
    case staleOK = "stale-ok"
}

/// Reads for one request, as new as its field `Consistency` asks for.
struct ShopReader: Sendable {
    private let shop: Shop
    private let consistency: Consistency

    fileprivate init(_ shop: Shop, _ consistency: Consistency) {
        self.shop = shop
        self.consistency = consistency
    }

    func read<A: Recorded>(_: A.Type, _ id: A.ID) async throws -> Versioned<A> {
        switch consistency {
        case .linearizable: try await shop.shards.read(A.self, id)
        case .staleOK: await readHere(A.self, id)
        }
    }

    /// What this node has: for what follows a barrier, such as the elements of a list.
    func readHere<A: Recorded>(_: A.Type, _ id: A.ID) async -> Versioned<A> {
        await shop.shards[id.slot].readCommitted { states in states.read(A.self, id) }
    }

    func shard(of id: some AggregateID) -> Shard { shop.shards[id.slot] }
    var now: Timestamp { shop.clock() }

    /// Lists, histories and reads here, of these shards, are as new as the request asks for from now on.
    func barrier(_ shards: [Shard]) async throws {
        guard consistency == .linearizable else { return }
        for shard in shards { try await shard.barrier() }
    }

    /// As `barrier`, of what `view` shows of the catalogue.
    func barrier(of view: some CatalogueView) async throws {
        if consistency == .linearizable { try await view.catchUp() }
    }
}

extension Shop {
    /// Answers a request with what `body` reads. An answer that may be old says how old at most.
    func reading(
        _ request: Request, _ body: (ShopReader) async throws -> Response
    ) async throws -> Response {
        guard let text = request.headers[.consistency] else { return try await body(ShopReader(self, .linearizable)) }
        guard let consistency = Consistency(rawValue: text) else {
            throw Problem(.malformedRequest, "Consistency is linearizable or stale-ok.")
        }
        // Before it reads: what it reads later is newer.
        let staleness = freshness.staleness()
        var response = try await body(ShopReader(self, consistency))
        if consistency == .staleOK, let staleness {
            response.headers[.stalenessMax] = staleness.formatted
        }
        return response
    }
}

extension Duration {
    /// Seconds with three decimals, rounded up.
    fileprivate var formatted: String {
        let perMillisecond: Int64 = 1_000_000_000_000_000
        let rounded = (components.attoseconds + perMillisecond - 1) / perMillisecond
        let milliseconds = components.seconds * 1_000 + rounded
        let rest = String(milliseconds % 1_000)
        return "\(milliseconds / 1_000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}
