using KernelForge.Runtime;
using KernelForge.Text;

namespace KernelForge;

/// <summary>A model compiled into this program. Immutable and shared; each conversation has its own session.</summary>
public abstract class LanguageModel : IDisposable
{
    /// <summary>Maps the packed file and starts the threads. Called by the generated class.</summary>
    /// <exception cref="PackedFileException">The packed file is missing, damaged or of another plan.</exception>
    protected LanguageModel(ModelDescription description, ModelOptions options)
    {
        Description = description;
        Options = options;
    }

    /// <summary>What the generated class knows of its model.</summary>
    public ModelDescription Description { get; }

    /// <summary>The options it was loaded with.</summary>
    public ModelOptions Options { get; }

    /// <summary>Runs one forward pass. Every worker of the team calls it, with the same pass and its own index.</summary>
    protected abstract void Forward(ForwardPass pass, int worker);

    /// <summary>Renders a conversation with the model's chat template. Overridden by generated code where the model has one.</summary>
    /// <exception cref="ChatTemplateException">The template refuses this conversation.</exception>
    protected internal virtual void RenderChat(ChatWriter output, ChatRequest request) =>
        throw new ChatTemplateException($"{Description.ClassName} has no chat template: its model file carries none. Use a session with plain text instead.");

    /// <summary>Unmaps the weights and ends the threads.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the model holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
