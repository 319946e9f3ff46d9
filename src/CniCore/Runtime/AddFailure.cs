using CniCore.Spec;

namespace CniCore.Runtime;

/// <summary>An ADD that failed and could not be undone: one exception of the type and code of ADD's, with both reasons.</summary>
internal static class AddFailure
{
    public static Exception NotUndone(Exception add, Exception undo)
    {
        var rest = $"undoing it failed as well: {undo.Message}";
        return add switch
        {
            CniPluginException { Details: var details } fault => new CniPluginException(
                fault.Code, fault.Reason, details.Length > 0 ? $"{details}; {rest}" : rest, fault)
            {
                Plugin = fault.Plugin,
                StandardOutput = fault.StandardOutput,
                StandardError = fault.StandardError,
            },
            OperationCanceledException fault =>
                new OperationCanceledException($"ADD did not end in time; {rest}", undo, fault.CancellationToken),
            CniException => new CniConfigException($"{add.Message}; {rest}", add),
            _ => new IOException($"{add.Message}; {rest}", add),
        };
    }
}
