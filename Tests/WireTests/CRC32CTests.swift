import Testing
import Wire

@Suite struct CRC32CTests {
    /// RFC 3720, appendix B.4, and the check value of the CRC catalogue.
    @Test(arguments: [
        ([UInt8](repeating: 0x00, count: 32), 0x8a91_36aa),
        ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
        ([UInt8](0..<32), 0x46dd_794e),
        ([UInt8]((0..<32).reversed()), 0x113f_db5c),
        ([UInt8]("123456789".utf8), 0xe306_9283),
        ([], 0),
    ] as [([UInt8], UInt32)])
    func agreesWithTheKnownVectors(bytes: [UInt8], expected: UInt32) {
        #expect(CRC32C.checksum(bytes) == expected)
        #expect(bytes.withUnsafeBytes { CRC32C.checksum($0) } == expected)
    }

    /// An iSCSI SCSI read (10) command PDU, the last of the RFC's vectors.
    @Test func agreesWithTheCommandOfTheRFC() {
        let command: [UInt8] = [
            0x01, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
            0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18,
            0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        ]
        #expect(CRC32C.checksum(command) == 0xd996_3a56)
    }

    @Test func aChecksumGoesOnWhereAnotherEnded() {
        let bytes = (0..<100).map { UInt8($0 * 37 & 0xff) }
        for cut in 0...bytes.count {
            let first = CRC32C.checksum(bytes[..<cut])
            #expect(CRC32C.checksum(bytes[cut...], seed: first) == CRC32C.checksum(bytes))
        }
    }

    @Test func everyFlippedBitIsSeen() {
        let bytes = [UInt8]("the quick brown fox".utf8)
        let whole = CRC32C.checksum(bytes)
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            #expect(CRC32C.checksum(flipped) != whole)
        }
    }
}
