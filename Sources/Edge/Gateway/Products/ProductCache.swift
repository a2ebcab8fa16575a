import ActorSystem
import Commerce
import EventSourcing
import Schema
import Synchronization

/// Rendered products, until they change: a read of one that is known asks no shard.
///
/// A document is kept only if its product has not changed since the reader began to look: otherwise a slow reader could
/// bring back what `invalidate` has just thrown out.
final class ProductCache: Sendable {
    private struct Contents {
        var documents: [ProductID: ProductDocument] = [:]
        /// Moves with each change of a product in this part of the cache.
        var epoch: UInt64 = 0
        var bytes = 0
    }

    private final class Part: Sendable {
        let contents = Mutex(Contents())
    }

    /// A power of two; far more than there are cores, so that two readers seldom want the same lock.
    private static let partCount = 16
    /// A rendered product of one variant has 500 bytes: 64 MiB hold the 100,000 that are asked for most.
    static let bytesMaxStandard = 64 << 20
    /// Of the table and the buffer around each document.
    private static let overheadBytes = 256

    private let parts: [Part]
    private let partBytesMax: Int
    private let catalogue: Shard

    /// - Parameter bytesMax: of the documents, and what is around them.
    init(catalogue: Shard, bytesMax: Int = bytesMaxStandard) {
        self.catalogue = catalogue
        parts = (0..<Self.partCount).map { _ in Part() }
        partBytesMax = bytesMax / Self.partCount
    }

    /// The products have changed. What is read from now on is what they have become.
    func invalidate(_ products: [ProductID]) {
        for id in products {
            part(of: id).contents.withLock { contents in
                contents.epoch += 1
                guard let gone = contents.documents.removeValue(forKey: id) else { return }
                contents.bytes -= gone.body.readableBytes + Self.overheadBytes
            }
        }
    }

    /// Another node's catalogue has replaced the one that was here.
    func invalidateAll() {
        for part in parts {
            part.contents.withLock { $0 = Contents(epoch: $0.epoch + 1) }
        }
    }

    /// The product with this id; nil when there is none.
    func document(_ id: ProductID) async -> ProductDocument? {
        if let known = part(of: id).contents.withLock({ $0.documents[id] }) { return known }
        return await documents([id])[0]
    }

    /// Products in the order of their ids; nil where there is none. Those that are not known are read in one step.
    func documents(_ ids: [ProductID]) async -> [ProductDocument?] {
        let found = ids.map { id in
            part(of: id).contents.withLock { (document: $0.documents[id], epoch: $0.epoch) }
        }
        let missing = zip(ids, found).filter { $1.document == nil }
        guard !missing.isEmpty else { return found.map(\.document) }
        let products = await catalogue.readCommitted { states in
            missing.map { id, _ in states.read(Product.self, id) }
        }
        var read: [ProductID: ProductDocument] = [:]
        for (product, (id, entry)) in zip(products, missing) {
            guard let document = ProductDocument(product) else { continue }
            read[id] = document
            insert(document, ifStill: entry.epoch)
        }
        return zip(ids, found).map { id, entry in entry.document ?? read[id] }
    }

    private func insert(_ document: ProductDocument, ifStill epoch: UInt64) {
        let size = document.body.readableBytes + Self.overheadBytes
        part(of: document.id).contents.withLock { contents in
            guard contents.epoch == epoch, contents.documents[document.id] == nil, size <= partBytesMax else { return }
            // Whichever the table names first: as good as a random one, and needs no books.
            while contents.bytes + size > partBytesMax, let gone = contents.documents.popFirst() {
                contents.bytes -= gone.value.body.readableBytes + Self.overheadBytes
            }
            contents.documents[document.id] = document
            contents.bytes += size
        }
    }

    private func part(of id: ProductID) -> Part { parts[Int(truncatingIfNeeded: id.low >> 8) & (Self.partCount - 1)] }
}
