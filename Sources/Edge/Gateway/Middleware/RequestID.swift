import Synchronization

/// Names requests in logs and answers.
enum RequestID {
    /// A client's own id is taken when it is no longer than this and of harmless characters.
    static let lengthMax = 128

    static func isAcceptable(_ text: String) -> Bool {
        (1...lengthMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    private static let process = UInt64.random(in: .min ... .max)
    private static let counter = Atomic<UInt64>(0)

    /// A new id: eight characters for the process, seven for the request. Fifteen fit a String without an allocation.
    static func next() -> String {
        let number = counter.wrappingAdd(1, ordering: .relaxed).oldValue
        return String(unsafeUninitializedCapacity: 15) { buffer in
            for place in 0..<8 { buffer[place] = digit(process >> UInt64(5 * (7 - place))) }
            for place in 0..<7 { buffer[8 + place] = digit(number >> UInt64(5 * (6 - place))) }
            return 15
        }
    }

    private static func digit(_ value: UInt64) -> UInt8 {
        let five = UInt8(truncatingIfNeeded: value & 31)
        return five < 10 ? UInt8(ascii: "0") + five : UInt8(ascii: "a") + five - 10
    }
}
