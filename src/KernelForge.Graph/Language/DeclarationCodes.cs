namespace KernelForge.Language;

/// <summary>Diagnostic ids of graphs declared in C# (KF4xxx). What is wrong with the C# itself comes from 4001 on, with sizes from 4020, with layers from 4040, with the weights from 4050, with an encoder's outputs from 4060.</summary>
public static class DeclarationCodes
{
    /// <summary>The class is not partial.</summary>
    public const string ClassNotPartial = "KF4001";

    /// <summary>The type cannot carry a graph: no class, nested, or generic.</summary>
    public const string ClassKind = "KF4002";

    /// <summary>There is no <c>static Graph Define()</c>.</summary>
    public const string DefineMissing = "KF4003";

    /// <summary>No KernelForgeModel item names the class, so there are no weights.</summary>
    public const string WeightsMissing = "KF4004";

    /// <summary>The attribute and the item name different weights.</summary>
    public const string WeightsDiffer = "KF4005";

    /// <summary>A value is not known at compile time.</summary>
    public const string NotConstant = "KF4006";

    /// <summary>A statement that a declaration cannot hold.</summary>
    public const string StatementUnsupported = "KF4007";

    /// <summary>An expression that a declaration cannot hold.</summary>
    public const string ExpressionUnsupported = "KF4008";

    /// <summary>A method calls itself, or the declaration is too long.</summary>
    public const string TooLong = "KF4009";

    /// <summary>A branch does not continue the value that it is given.</summary>
    public const string BranchDetached = "KF4010";

    /// <summary>A value of an enum that has no such member.</summary>
    public const string EnumUnknown = "KF4011";

    /// <summary>A whole number is out of its range.</summary>
    public const string SizeRange = "KF4020";

    /// <summary>A number is out of its range, or none.</summary>
    public const string NumberRange = "KF4021";

    /// <summary>Key-value heads do not divide the heads.</summary>
    public const string HeadsDivide = "KF4022";

    /// <summary>How long a head is cannot be known.</summary>
    public const string HeadSizeUnknown = "KF4023";

    /// <summary>A rotation of an odd number of values.</summary>
    public const string RotaryOdd = "KF4024";

    /// <summary>A rotation of more values than a head has.</summary>
    public const string RotaryTooLong = "KF4025";

    /// <summary>A scaling whose numbers contradict each other.</summary>
    public const string RotaryScaling = "KF4026";

    /// <summary>A window below one token.</summary>
    public const string WindowRange = "KF4027";

    /// <summary>A window and a chunk at once.</summary>
    public const string WindowAndChunk = "KF4028";

    /// <summary>More active experts than experts.</summary>
    public const string ActiveExperts = "KF4029";

    /// <summary>Groups that the experts do not fill.</summary>
    public const string ExpertGroups = "KF4030";

    /// <summary>A branch gives a row of another width than the one it is added to.</summary>
    public const string WidthDiffers = "KF4031";

    /// <summary>A context beyond what the weights were made for.</summary>
    public const string ContextBeyond = "KF4032";

    /// <summary>Cross-attention without rows to attend to.</summary>
    public const string StatesMissing = "KF4033";

    /// <summary>There are no layers.</summary>
    public const string LayersMissing = "KF4040";

    /// <summary>A layer of the weights is used twice.</summary>
    public const string LayerTwice = "KF4041";

    /// <summary>A layer that the weights do not have.</summary>
    public const string LayerBeyond = "KF4042";

    /// <summary>A range of layers that is empty or counts from the end.</summary>
    public const string LayerRange = "KF4043";

    /// <summary>Layers within a layer or a branch.</summary>
    public const string LayersNested = "KF4044";

    /// <summary>A layer that mixes tokens twice.</summary>
    public const string LayerMixesTwice = "KF4045";

    /// <summary>A decoder without a head.</summary>
    public const string HeadMissing = "KF4046";

    /// <summary>An encoder with a head over the vocabulary, or a decoder with named outputs.</summary>
    public const string OutputKind = "KF4047";

    /// <summary>A part that does not belong where it stands.</summary>
    public const string PartMisplaced = "KF4048";

    /// <summary>Two outputs of one name.</summary>
    public const string OutputTwice = "KF4049";

    /// <summary>The weights lack a tensor.</summary>
    public const string TensorMissing = "KF4050";

    /// <summary>A tensor has another shape.</summary>
    public const string TensorShape = "KF4051";

    /// <summary>A tensor is stored in a type that cannot be read so.</summary>
    public const string TensorType = "KF4052";

    /// <summary>The tokenizer has another number of tokens.</summary>
    public const string VocabularyDiffers = "KF4053";

    /// <summary>A naming scheme that does not exist.</summary>
    public const string SchemeUnknown = "KF4054";

    /// <summary>Tensors that the declaration leaves out (warning).</summary>
    public const string TensorsLeft = "KF4055";

    /// <summary>An output of a name that no model gives.</summary>
    public const string OutputUnknown = "KF4060";

    /// <summary>An output with a row for each token under the name of one with a row for each text, or the other way round.</summary>
    public const string OutputRows = "KF4061";

    /// <summary>An encoder that gives no state of its tokens.</summary>
    public const string OutputMissing = "KF4062";
}
