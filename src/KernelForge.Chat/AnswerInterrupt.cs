using System.Runtime.InteropServices;

namespace KernelForge.Chat;

/// <summary>Ctrl-C ends the answer that is being given, not the program; where none is given, a second one in turn ends the program.</summary>
internal sealed class AnswerInterrupt : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration _registration;
    private CancellationTokenSource? _answer;
    private bool _warned;

    public AnswerInterrupt()
    {
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            lock (_lock)
            {
                // Not cancelled, the signal does what it does to any program.
                signal.Cancel = _answer is not null || !_warned;
                if (_answer is not null)
                    _answer.Cancel();
                else if (!_warned)
                    Console.Error.Write("\n(Ctrl-C again or /exit ends the chat)\n> ");
                _warned = _answer is null;
            }
        });
    }

    /// <summary>The person goes on: the next Ctrl-C is a first one again.</summary>
    public void GoOn()
    {
        lock (_lock)
            _warned = false;
    }

    /// <summary>Runs an answer that Ctrl-C cancels. Returns whether it did.</summary>
    public bool Run(Action<CancellationToken> answer)
    {
        using var cancel = new CancellationTokenSource();
        lock (_lock)
            _answer = cancel;
        try
        {
            answer(cancel.Token);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        finally
        {
            lock (_lock)
                _answer = null;
        }
    }

    public void Dispose() => _registration.Dispose();
}
