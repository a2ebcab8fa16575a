/// How many decimal digits the minor unit of each currency has. Source: ISO 4217, list one, as of 2026; with the codes
/// withdrawn since 2015, whose prices still stand in logs and files.
///
/// The one table of currencies: the node counts in minor units, and what reads decimal amounts needs their digits.
public enum MinorUnit {
    private static let digitsOfCode: [String: Int] = {
        var digits: [String: Int] = [:]
        for (count, codes) in lists {
            for code in codes.split(separator: " ") { digits[String(code)] = count }
        }
        return digits
    }()

    private static let lists = [
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        2: """
            AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF \
            CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL \
            HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU \
            MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR \
            SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED \
            VES WST XAD XCD XCG YER ZAR ZMW ZWG ANG BGN CUC HRK MRO SLL STD VEF ZWL
            """,
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    ]

    /// 2 for `EUR`, 0 for `JPY`, 4 for `CLF`; nil for a code that ISO 4217 does not list, and for those of its codes
    /// that have no minor unit: metals, baskets, tests and `XXX`, no currency.
    public static func digits(of code: String) -> Int? { digitsOfCode[code] }
}
