import Checkout
import Commerce
import EventSourcing

/// What a simulated shop sells. Every node knows it by heart, so that no run spends its time on loading a catalogue.
public enum Assortment {
    /// The first is what everybody wants.
    static let skus = ["HOT", "MUG", "TEA", "PEN"].map { SKU($0)! } + [free]
    /// Costs nothing, so that no provider is asked.
    private static let free = SKU("FLYER")!

    public static func entry(of sku: SKU) -> PriceBook.Entry? {
        guard let position = skus.firstIndex(of: sku) else { return nil }
        return PriceBook.Entry(
            product: ProductID(at: .zero, slot: .catalogue, random: UInt64(position) << 2),
            price: Money(amount: sku == free ? 0 : Int64(position + 1) * 100, currency: .gbp), isActive: true)
    }
}
