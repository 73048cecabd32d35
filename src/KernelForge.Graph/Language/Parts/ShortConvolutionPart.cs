using KernelForge.Graphs;

namespace KernelForge.Language;

/// <summary>A gated short convolution in place of attention (Liquid AI, 2025), and the matrix that leads back to the stream.</summary>
/// <param name="Taps">Tokens that it reads, the last one included.</param>
public sealed record ShortConvolutionPart(int Taps) : Part, IMixesTokens
{
    internal override int Build(DeclarationBuilder builder, int x)
    {
        if (!builder.RequireSize(Taps, 1, 1024, "taps") || !builder.MixTokens())
            return x;
        var (model, names, width) = (builder.Model, builder.Names, builder.Width);
        int Part(string name, int index) => builder.Rows(name, x, names.ConvolutionInput, 3 * width, index * width, width);
        var path = builder.Path(names.Convolution);
        var taps = model.Taps(path + ".weight", width, Taps);
        var (before, after, value) = (Part("ConvolutionBefore", 0), Part("ConvolutionAfter", 1), Part("ConvolutionValue", 2));
        var mixed = builder.Graph.ShortConvolution("ShortConvolution", before, after, value, taps, model.OptionalVector(path + ".bias", width));
        return builder.Linear("ConvolutionOutput", mixed, names.ConvolutionOutput, width, width);
    }

    internal override void Print(CallPrinter printer) => printer.Begin("ShortConvolution").Argument("taps", Taps).End();
}
