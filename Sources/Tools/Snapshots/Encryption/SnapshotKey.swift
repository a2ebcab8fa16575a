import Crypto

/// The secret that snapshots are encrypted with.
public struct SnapshotKey: Sendable {
    /// As AES-256 has it.
    public static let byteCount = 32

    let secret: SymmetricKey

    /// - Returns: nil unless there are ``byteCount`` of them.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        secret = SymmetricKey(data: bytes)
    }
}
