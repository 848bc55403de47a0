import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.callback.Callback;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.callback.UnsupportedCallbackException;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;

/**
 * Has a broker ask somebody else whether a token is good (RFC 7662), as MSK's brokers ask AWS.
 * The system property introspection.url names whom.
 */
public class IntrospectingValidator implements AuthenticateCallbackHandler {
    private static final Pattern USER = Pattern.compile("\"username\":\"([^\"]+)\"");
    private static final Pattern EXPIRES = Pattern.compile("\"exp\":(\\d+)");

    private static final int TIMEOUT_MS = 10_000;

    private URL url;

    @Override
    public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> jaas) {
        try {
            url = new URL(System.getProperty("introspection.url"));
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public void close() {}

    @Override
    public void handle(Callback[] callbacks) throws IOException, UnsupportedCallbackException {
        for (Callback callback : callbacks) {
            if (!(callback instanceof OAuthBearerValidatorCallback)) {
                throw new UnsupportedCallbackException(callback);
            }
            validate((OAuthBearerValidatorCallback) callback);
        }
    }

    private void validate(OAuthBearerValidatorCallback callback) throws IOException {
        String answer = ask(callback.tokenValue());
        Matcher user = USER.matcher(answer);
        Matcher expires = EXPIRES.matcher(answer);
        if (answer.contains("\"active\":true") && user.find() && expires.find()) {
            callback.token(new Token(callback.tokenValue(), user.group(1), Long.parseLong(expires.group(1)) * 1000));
        } else {
            callback.error("invalid_token", null, null);
        }
    }

    private String ask(String token) throws IOException {
        byte[] form = ("token=" + URLEncoder.encode(token, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
        HttpURLConnection c = (HttpURLConnection) url.openConnection();
        c.setConnectTimeout(TIMEOUT_MS);
        c.setReadTimeout(TIMEOUT_MS);
        c.setDoOutput(true);
        c.setRequestProperty("Content-Type", "application/x-www-form-urlencoded");
        try (OutputStream out = c.getOutputStream()) {
            out.write(form);
        }
        try (InputStream in = c.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static final class Token implements OAuthBearerToken {
        private final String value;
        private final String principal;
        private final long lifetime;

        Token(String value, String principal, long lifetime) {
            this.value = value;
            this.principal = principal;
            this.lifetime = lifetime;
        }

        @Override public String value() { return value; }
        @Override public Set<String> scope() { return Set.of(); }
        @Override public long lifetimeMs() { return lifetime; }
        @Override public String principalName() { return principal; }
        @Override public Long startTimeMs() { return null; }
    }
}
