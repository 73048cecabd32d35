namespace KernelForge.Language;

/// <summary>One transformer layer.</summary>
/// <param name="Stored">Its number in the weights.</param>
/// <param name="Parts">What it does.</param>
public sealed record LayerPart(int Stored, EquatableArray<Part> Parts) : Part
{
    internal override IEnumerable<Part> Inner => Parts;

    internal override int Build(DeclarationBuilder builder, int x) => builder.BuildLayer(this, x);

    // Layers are printed in groups of equal ones, by DeclarationPrinter.
    internal override void Print(CallPrinter printer) => printer.Begin("Layers").Argument("count", 1).Branch("layer", "layer", Parts).End();
}
