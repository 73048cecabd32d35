using System.Runtime.InteropServices;

namespace KernelForge.Chat;

/// <summary>Ctrl-C ends the answer that is being given, not the program.</summary>
internal sealed class AnswerInterrupt : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration _registration;
    private CancellationTokenSource? _answer;

    public AnswerInterrupt()
    {
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            lock (_lock)
            {
                if (_answer is null)
                    Console.Error.Write("\n(/exit ends the chat)\n> ");
                else
                    _answer.Cancel();
            }
        });
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
