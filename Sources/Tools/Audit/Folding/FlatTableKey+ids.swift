import Commerce
import EventSourcing

extension FlatTableKey {
    /// Of kinds of which there are few.
    var word: UInt64 { UInt64(truncatingIfNeeded: hashValue) }
}

/// A key whose word is found in its byte form too, which is not read for that.
protocol EncodedFlatTableKey: FlatTableKey {
    static func word(ofEncoded bytes: ArraySlice<UInt8>) -> UInt64
}

extension Identifier: EncodedFlatTableKey {
    var word: UInt64 { low }
    static func word(ofEncoded bytes: ArraySlice<UInt8>) -> UInt64 { bytes.bigEndianWord(at: 8) }
}

extension IdempotencyKeyID: EncodedFlatTableKey {
    var word: UInt64 { digest.words[0] }
    static func word(ofEncoded bytes: ArraySlice<UInt8>) -> UInt64 { bytes.bigEndianWord(at: 2) }
}

extension SKU: EncodedFlatTableKey {
    var word: UInt64 { utf8.word }
    static func word(ofEncoded bytes: ArraySlice<UInt8>) -> UInt64 { bytes.withUnsafeBytes { $0.word } }
}

extension CatalogueSKU: EncodedFlatTableKey {
    var word: UInt64 { sku.word }
    static func word(ofEncoded bytes: ArraySlice<UInt8>) -> UInt64 { SKU.word(ofEncoded: bytes) }
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

extension ArraySlice<UInt8> {
    /// 0 where there are not so many bytes.
    fileprivate func bigEndianWord(at offset: Int) -> UInt64 {
        guard offset + 8 <= count else { return 0 }
        return withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    }
}

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
