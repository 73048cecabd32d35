namespace KernelForge;

/// <summary>Diagnostic ids of problems in a model (KF1xxx). The generator's own are KF0xxx and KF2xxx; docs/diagnostics.md describes all.</summary>
public static class ProblemCodes
{
    /// <summary>The model file does not exist.</summary>
    public const string FileMissing = "KF1001";

    /// <summary>The model file is damaged or of an unknown format.</summary>
    public const string FileUnreadable = "KF1002";

    /// <summary>The manifest text is damaged or of another version.</summary>
    public const string ManifestDamaged = "KF1003";

    /// <summary>The model file is not the one the plan was made from: it changed since it was described. Reported by the packer.</summary>
    public const string FileChanged = "KF1004";

    /// <summary>No architecture of this name.</summary>
    public const string ArchitectureUnknown = "KF1010";

    /// <summary>A required hyper-parameter is missing.</summary>
    public const string HyperparameterMissing = "KF1011";

    /// <summary>A hyper-parameter has the wrong type.</summary>
    public const string HyperparameterType = "KF1012";

    /// <summary>A hyper-parameter is zero, too large, or not a number.</summary>
    public const string HyperparameterRange = "KF1013";

    /// <summary>Two hyper-parameters, or one and the tensors, contradict each other.</summary>
    public const string HyperparameterContradiction = "KF1014";

    /// <summary>The model uses something this version does not compute.</summary>
    public const string FeatureUnsupported = "KF1015";

    /// <summary>A tensor the architecture needs is missing.</summary>
    public const string TensorMissing = "KF1020";

    /// <summary>A tensor has another shape than the hyper-parameters ask for.</summary>
    public const string TensorShape = "KF1021";

    /// <summary>A tensor is stored in a type this version does not read.</summary>
    public const string TensorType = "KF1022";

    /// <summary>The number of tokens and the rows of the embedding differ.</summary>
    public const string VocabularyMismatch = "KF1023";

    /// <summary>A tensor no part of the architecture reads (warning).</summary>
    public const string TensorUnused = "KF1030";

    /// <summary>Matrices that are computed together have different types, so both are packed as float32 (warning).</summary>
    public const string TypesMixed = "KF1031";

    /// <summary>A compile option is out of its range.</summary>
    public const string OptionRange = "KF1040";
}
