import Commerce

/// What no gateway takes of a product, whatever the shop holds: for those who want to know before they ask.
public enum ProductCheck {
    /// - Parameter body: as `POST /products` takes it.
    /// - Returns: the problem document that it would be answered with; nil when it says all that a new product needs.
    public static func problem(with body: [UInt8]) -> [UInt8]? {
        do {
            try JSONDocument(body).decode { ProductForm.decode(&$0) }.details.checkNew()
            return nil
        } catch {
            return (Problem(error) ?? Problem(.internalError)).document(requestID: nil)
        }
    }
}
