namespace KernelForge.Passes;

/// <summary>A pass has made something that its verifier refuses: a defect of the compiler, not of the model.</summary>
public sealed class PassException(string pass, string message)
    : InvalidOperationException($"The pass '{pass}' is wrong: {message}. This is a defect of KernelForge; please report it with the model's manifest.")
{
    /// <summary>What was found.</summary>
    public string Problem => message;
}
