import Commerce
import EventSourcing

extension FlatTableKey {
    /// Of kinds of which there are few.
    var word: UInt64 { UInt64(truncatingIfNeeded: hashValue) }
}

extension Identifier: FlatTableKey {
    var word: UInt64 { low }
}

extension IdempotencyKeyID: FlatTableKey {
    var word: UInt64 { digest.words[0] }
}

extension SKU: FlatTableKey {
    var word: UInt64 { utf8.word }
}

extension CatalogueSKU: FlatTableKey {
    var word: UInt64 { sku.word }
}

extension ProviderReference: FlatTableKey {
    var word: UInt64 { description.utf8.word }
}

extension EmailAddress: FlatTableKey {}
extension ConsumerPositionID: FlatTableKey {}
extension VerificationKeyID: FlatTableKey {}
extension ClusterUpgradeID: FlatTableKey {}
extension WebhooksID: FlatTableKey {}
extension WebhookProgressID: FlatTableKey {}

extension String.UTF8View {
    /// Of all bytes, eight at a time.
    fileprivate var word: UInt64 {
        withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0).word }
            ?? Array(self).withUnsafeBytes { $0.word }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var word: UInt64 {
        var (word, place) = (UInt64(count), 0)
        while place + 8 <= count {
            word = Self.mix(word, loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var rest: UInt64 = 0
        while place < count {
            rest = rest << 8 | UInt64(self[place])
            place += 1
        }
        return Self.mix(word, rest)
    }

    private static func mix(_ word: UInt64, _ next: UInt64) -> UInt64 {
        let product = (word ^ next).multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
        return product.high ^ product.low
    }
}
