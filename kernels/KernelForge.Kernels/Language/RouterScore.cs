namespace KernelForge.Kernels;

/// <summary>What a router's logits become; the same names as the plan's.</summary>
public enum RouterScore
{
    /// <summary>Shares among all experts.</summary>
    Softmax,

    /// <summary>Each for itself.</summary>
    Sigmoid,

    /// <summary>Shares among those chosen by their logits.</summary>
    SoftmaxOfChosen,

    /// <summary>Chosen one after another, each with its share among those that are near it.</summary>
    SparseMixer,
}
