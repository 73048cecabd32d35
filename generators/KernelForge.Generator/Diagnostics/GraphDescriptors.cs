using KernelForge.Language;
using Microsoft.CodeAnalysis;

namespace KernelForge.Generator.Diagnostics;

/// <summary>Diagnostics of graphs declared in C#.</summary>
internal static class GraphDescriptors
{
    private static readonly DiagnosticDescriptor ClassNotPartial = new(
        DeclarationCodes.ClassNotPartial, "Class of a declared graph is not partial", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4001");

    private static readonly DiagnosticDescriptor ClassKind = new(
        DeclarationCodes.ClassKind, "Type cannot carry a graph", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4002");

    private static readonly DiagnosticDescriptor DefineMissing = new(
        DeclarationCodes.DefineMissing, "Method Define is missing", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4003");

    private static readonly DiagnosticDescriptor WeightsMissing = new(
        DeclarationCodes.WeightsMissing, "Declared graph has no weights", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4004");

    private static readonly DiagnosticDescriptor WeightsDiffer = new(
        DeclarationCodes.WeightsDiffer, "Attribute and item name different weights", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4005");

    private static readonly DiagnosticDescriptor NotConstant = new(
        DeclarationCodes.NotConstant, "Value is not known at compile time", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4006");

    private static readonly DiagnosticDescriptor StatementUnsupported = new(
        DeclarationCodes.StatementUnsupported, "Statement has no place in a declaration", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4007");

    private static readonly DiagnosticDescriptor ExpressionUnsupported = new(
        DeclarationCodes.ExpressionUnsupported, "Expression has no place in a declaration", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4008");

    private static readonly DiagnosticDescriptor TooLong = new(
        DeclarationCodes.TooLong, "Declaration does not end", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4009");

    private static readonly DiagnosticDescriptor BranchDetached = new(
        DeclarationCodes.BranchDetached, "Function does not continue its value", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4010");

    private static readonly DiagnosticDescriptor EnumUnknown = new(
        DeclarationCodes.EnumUnknown, "Member does not exist", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4011");

    private static readonly DiagnosticDescriptor SizeRange = new(
        DeclarationCodes.SizeRange, "Size is out of range", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4020");

    private static readonly DiagnosticDescriptor NumberRange = new(
        DeclarationCodes.NumberRange, "Number is out of range", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4021");

    private static readonly DiagnosticDescriptor HeadsDivide = new(
        DeclarationCodes.HeadsDivide, "Key-value heads do not divide the heads", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4022");

    private static readonly DiagnosticDescriptor HeadSizeUnknown = new(
        DeclarationCodes.HeadSizeUnknown, "Head size is unknown", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4023");

    private static readonly DiagnosticDescriptor RotaryOdd = new(
        DeclarationCodes.RotaryOdd, "Rotation of an odd number of values", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4024");

    private static readonly DiagnosticDescriptor RotaryTooLong = new(
        DeclarationCodes.RotaryTooLong, "Rotation is longer than a head", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4025");

    private static readonly DiagnosticDescriptor RotaryScaling = new(
        DeclarationCodes.RotaryScaling, "Rotary scaling is contradictory", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4026");

    private static readonly DiagnosticDescriptor WindowRange = new(
        DeclarationCodes.WindowRange, "Window is below one token", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4027");

    private static readonly DiagnosticDescriptor WindowAndChunk = new(
        DeclarationCodes.WindowAndChunk, "Window and chunk at once", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4028");

    private static readonly DiagnosticDescriptor ActiveExperts = new(
        DeclarationCodes.ActiveExperts, "More active experts than experts", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4029");

    private static readonly DiagnosticDescriptor ExpertGroups = new(
        DeclarationCodes.ExpertGroups, "Groups do not fit the experts", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4030");

    private static readonly DiagnosticDescriptor WidthDiffers = new(
        DeclarationCodes.WidthDiffers, "Rows have another width", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4031");

    private static readonly DiagnosticDescriptor ContextBeyond = new(
        DeclarationCodes.ContextBeyond, "Context is beyond the weights", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4032");

    private static readonly DiagnosticDescriptor StatesMissing = new(
        DeclarationCodes.StatesMissing, "Cross-attention has no rows to attend to", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4033");

    private static readonly DiagnosticDescriptor LayersMissing = new(
        DeclarationCodes.LayersMissing, "Graph has no layers", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4040");

    private static readonly DiagnosticDescriptor LayerTwice = new(
        DeclarationCodes.LayerTwice, "Layer is used twice", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4041");

    private static readonly DiagnosticDescriptor LayerBeyond = new(
        DeclarationCodes.LayerBeyond, "Weights have no such layer", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4042");

    private static readonly DiagnosticDescriptor LayerRange = new(
        DeclarationCodes.LayerRange, "Range of layers is empty or open", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4043");

    private static readonly DiagnosticDescriptor LayersNested = new(
        DeclarationCodes.LayersNested, "Layers within a layer", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4044");

    private static readonly DiagnosticDescriptor LayerMixesTwice = new(
        DeclarationCodes.LayerMixesTwice, "Layer mixes tokens twice", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4045");

    private static readonly DiagnosticDescriptor HeadMissing = new(
        DeclarationCodes.HeadMissing, "Decoder has no head", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4046");

    private static readonly DiagnosticDescriptor OutputKind = new(
        DeclarationCodes.OutputKind, "Output does not fit the graph", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4047");

    private static readonly DiagnosticDescriptor PartMisplaced = new(
        DeclarationCodes.PartMisplaced, "Part does not belong here", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4048");

    private static readonly DiagnosticDescriptor OutputTwice = new(
        DeclarationCodes.OutputTwice, "Two outputs have one name", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4049");

    private static readonly DiagnosticDescriptor TensorMissing = new(
        DeclarationCodes.TensorMissing, "Weights lack a tensor", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4050");

    private static readonly DiagnosticDescriptor TensorShape = new(
        DeclarationCodes.TensorShape, "Tensor has another shape", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4051");

    private static readonly DiagnosticDescriptor TensorType = new(
        DeclarationCodes.TensorType, "Tensor has an unsupported type", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4052");

    private static readonly DiagnosticDescriptor VocabularyDiffers = new(
        DeclarationCodes.VocabularyDiffers, "Tokenizer and vocabulary differ", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4053");

    private static readonly DiagnosticDescriptor SchemeUnknown = new(
        DeclarationCodes.SchemeUnknown, "Naming scheme is unknown", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4054");

    private static readonly DiagnosticDescriptor TensorsLeft = new(
        DeclarationCodes.TensorsLeft, "Tensors are left out", "{0}", Descriptors.Category, DiagnosticSeverity.Warning, true, helpLinkUri: Descriptors.Help + "kf4055");

    private static readonly DiagnosticDescriptor OutputUnknown = new(
        DeclarationCodes.OutputUnknown, "No output has this name", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4060");

    private static readonly DiagnosticDescriptor OutputRows = new(
        DeclarationCodes.OutputRows, "Output has other rows than its name", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4061");

    private static readonly DiagnosticDescriptor OutputMissing = new(
        DeclarationCodes.OutputMissing, "Encoder gives no states", "{0}", Descriptors.Category, DiagnosticSeverity.Error, true, helpLinkUri: Descriptors.Help + "kf4062");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DiagnosticDescriptor> All { get; } =
    [
        ClassNotPartial, ClassKind, DefineMissing, WeightsMissing, WeightsDiffer, NotConstant, StatementUnsupported, ExpressionUnsupported, TooLong,
        BranchDetached, EnumUnknown, SizeRange, NumberRange, HeadsDivide, HeadSizeUnknown, RotaryOdd, RotaryTooLong, RotaryScaling, WindowRange,
        WindowAndChunk, ActiveExperts, ExpertGroups, WidthDiffers, ContextBeyond, StatesMissing, LayersMissing, LayerTwice, LayerBeyond, LayerRange, LayersNested,
        LayerMixesTwice, HeadMissing, OutputKind, PartMisplaced, OutputTwice, TensorMissing, TensorShape, TensorType, VocabularyDiffers, SchemeUnknown,
        TensorsLeft, OutputUnknown, OutputRows, OutputMissing,
    ];
}
