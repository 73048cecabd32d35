namespace KernelForge.Plans;

/// <summary>What a user chooses about a plan.</summary>
/// <param name="Activations">Numbers that meet quantized weights.</param>
/// <param name="Cache">Format of the key-value cache where a session asks for none.</param>
/// <param name="Context">Longest sequence in tokens, at most the model's own; 0: the model's own.</param>
public sealed record PlanOptions(
    ActivationMode Activations = ActivationMode.Int12,
    CacheFormat Cache = CacheFormat.F16,
    int Context = 0);
